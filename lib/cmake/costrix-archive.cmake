# costrix_add_archive(LIBRARY [LINK...]): a static library costrix_LIBRARY_static of the objects of the shared one.
# LINK is what the shared library has linked itself, and a program must link now.
function(costrix_add_archive library)
    set(shared costrix_${library})
    set(archive ${shared}_static)
    add_library(${archive} STATIC $<TARGET_OBJECTS:${shared}>)
    set_target_properties(
        ${archive} PROPERTIES EXPORT_NAME ${library}_static${COSTRIX_SUFFIX}
                              OUTPUT_NAME ${shared}${COSTRIX_SUFFIX}
                              LINKER_LANGUAGE CXX
    )
    target_compile_features(${archive} INTERFACE cxx_std_20)
    target_include_directories(${archive} INTERFACE "$<INSTALL_INTERFACE:include>")
    get_target_property(definitions ${shared} INTERFACE_COMPILE_DEFINITIONS)
    if(definitions)
        target_compile_definitions(${archive} INTERFACE ${definitions})
    endif()
    get_target_property(links ${shared} INTERFACE_LINK_LIBRARIES)
    list(FILTER links EXCLUDE REGEX "LINK_ONLY")
    list(TRANSFORM links REPLACE "^costrix_agi$" costrix_agi_static)
    target_link_libraries(${archive} INTERFACE ${links} ${ARGN})
    set(costrix_archives ${costrix_archives} ${archive} PARENT_SCOPE)
endfunction()

# costrix_export_api(TARGET [LIBRARY...]): the shared library exports what its public headers declare, and hides
# the rest; LIBRARY is another one of ours that it uses.
#
# No declaration is annotated. Every source of the library begins with a header that includes all
# public headers with default visibility, and is compiled with hidden visibility. So the interface is
# what stands in include/costrix; own_headers_of_<target> is what our own libraries and the
# program costrix need of each other besides.
#
# A version script then drops what standard headers and Boost have left, and gives each symbol the
# version COSTRIX_<minor version>: a program that was linked with 0.2 does not start with 0.3. What Asio
# keeps in static variables stays shared between library and program: error categories, which are
# compared by address, the table of signals, the calls on a thread's stack.
function(costrix_export_api target)
    set(own_headers_of_costrix_agi
        platform/process.hpp platform/sockets.hpp protocol/ascii.hpp protocol/own_commands.hpp
        router/make_request.hpp
    )
    set(own_headers_of_costrix_testing
        testing/asterisk/asterisk_parsing.hpp testing/live_call.hpp testing/recorded_audio.hpp
        testing/script_process.hpp
    )
    set(includes "")
    foreach(library IN ITEMS ${ARGN} ${target})
        get_target_property(headers ${library} HEADER_SET)
        list(FILTER headers EXCLUDE REGEX "/gtest\\.hpp$") # needs GoogleTest; all of it is inline
        foreach(header IN LISTS headers own_headers_of_${library})
            string(APPEND includes "#include <${header}>\n")
        endforeach()
    endforeach()
    set(api "${CMAKE_CURRENT_BINARY_DIR}/api_of_${target}.hpp")
    file(
        CONFIGURE OUTPUT "${api}"
        CONTENT "#pragma GCC visibility push(default)\n${includes}#pragma GCC visibility pop\n"
    )
    set(symbol_version "COSTRIX_${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
    set(script "${CMAKE_CURRENT_BINARY_DIR}/exported_by_${target}.map")
    configure_file("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/exported.map.in" "${script}" @ONLY)
    set_target_properties(
        ${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                             LINK_DEPENDS "${script}"
    )
    target_compile_options(${target} PRIVATE "SHELL:-include ${api}")
    if(NOT APPLE) # whose linker has no version scripts
        target_link_options(
            ${target} PRIVATE "LINKER:--version-script=${script}"
                              $<$<NOT:$<BOOL:${COSTRIX_SANITIZE}>>:LINKER:--no-undefined>
        )
    endif()
endfunction()

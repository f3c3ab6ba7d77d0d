# Finds standalone Asio, which Debian ships without a CMake package; defines Asio::Asio.
find_path(Asio_INCLUDE_DIR asio.hpp)
if(Asio_INCLUDE_DIR AND EXISTS "${Asio_INCLUDE_DIR}/asio/version.hpp")
    file(STRINGS "${Asio_INCLUDE_DIR}/asio/version.hpp" Asio_VERSION_LINE REGEX "#define ASIO_VERSION [0-9]+")
    if(Asio_VERSION_LINE MATCHES "// ([0-9]+\\.[0-9]+\\.[0-9]+)")
        set(Asio_VERSION "${CMAKE_MATCH_1}")
    endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Asio REQUIRED_VARS Asio_INCLUDE_DIR VERSION_VAR Asio_VERSION)

if(Asio_FOUND AND NOT TARGET Asio::Asio)
    find_package(Threads REQUIRED)
    add_library(Asio::Asio INTERFACE IMPORTED)
    target_include_directories(Asio::Asio SYSTEM INTERFACE "${Asio_INCLUDE_DIR}")
    # Asio 1.22 looks for aligned_alloc by a macro that is there only when a standard header came
    # before it: one source would allocate what another one frees in a different way.
    target_compile_definitions(Asio::Asio INTERFACE ASIO_HAS_STD_ALIGNED_ALLOC=1)
    target_link_libraries(Asio::Asio INTERFACE Threads::Threads)
    # Asio before 1.24 does not know that Clang has coroutines.
    if(Asio_VERSION VERSION_LESS 1.24)
        target_compile_definitions(
            Asio::Asio INTERFACE $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT=1;ASIO_HAS_STD_COROUTINE=1>
        )
    endif()
endif()
mark_as_advanced(Asio_INCLUDE_DIR)

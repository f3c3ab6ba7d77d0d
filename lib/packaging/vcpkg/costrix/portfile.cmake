# Builds the checkout that this port lies in: vcpkg install costrix --overlay-ports=lib/packaging/vcpkg
# A port in a registry has vcpkg_from_github() here instead, with the tag and checksum of a release.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS features FEATURES tool COSTRIX_BUILD_TOOL)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    # costrix::ops needs RESTinio 0.6, and vcpkg has 0.7.
    OPTIONS -DCOSTRIX_BUILD_TESTS=OFF -DCOSTRIX_BUILD_SAMPLES=OFF -DCOSTRIX_BUILD_OPS=OFF -DCOSTRIX_BUILD_OTEL=OFF
            -DCMAKE_INSTALL_LIBEXECDIR=tools ${features}
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME costrix CONFIG_PATH lib/cmake/costrix)
vcpkg_fixup_pkgconfig()
if("tool" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES costrix AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")

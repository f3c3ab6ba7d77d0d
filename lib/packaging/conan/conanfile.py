# SPDX-License-Identifier: MIT
"""Recipe for Conan 2, of the checkout that it lies in: conan create lib/packaging/conan"""
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Costrix(ConanFile):
    name = "costrix"
    description = "FastAGI and AGI for C++20 coroutines"
    license = "MIT"
    topics = ("asterisk", "agi", "fastagi", "telephony", "coroutines")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "tool": [True, False], "ops": [True, False]}
    default_options = {"shared": False, "tool": False, "ops": False}

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self._checkout, "CMakeLists.txt"))
        self.version = re.search(r"project\(costrix VERSION ([\d.]+)", text)[1]

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "*.md", "include/*", "lib/*", "docs/*", "samples/*"):
            copy(self, pattern, self._checkout, self.export_sources_folder)

    def requirements(self):
        # Public headers include them.
        self.requires("asio/[>=1.22.1 <2]", transitive_headers=True)
        self.requires("boost/[>=1.74 <2]", transitive_headers=True)
        self.requires("spdlog/[>=1.10 <2]", transitive_headers=True)
        if self.options.tool:
            self.requires("cli11/[>=2.3 <3]")
            self.requires("nlohmann_json/[>=3.11 <4]")
        if self.options.ops:
            self.requires("restinio/[>=0.6.16 <0.7]")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.variables["COSTRIX_BUILD_TESTS"] = False
        toolchain.variables["COSTRIX_BUILD_SAMPLES"] = False
        toolchain.variables["COSTRIX_BUILD_TOOL"] = bool(self.options.tool)
        toolchain.variables["COSTRIX_BUILD_OPS"] = bool(self.options.ops)
        toolchain.variables["COSTRIX_BUILD_OTEL"] = False
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        # The CMake package that is installed has the check of co_await expressions as well.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "costrix"))
        self.cpp_info.libs = ["costrix_testing", *["costrix_ops"] * bool(self.options.ops), "costrix_agi"]

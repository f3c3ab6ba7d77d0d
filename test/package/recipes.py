#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the vcpkg port and the Conan recipe as far as they go without vcpkg and Conan: recipes.py WORK_DIR

Stubs take the place of what the two provide. The CMake command that each recipe would run is then run,
with the libraries of this system, up to the end of the configuration.
"""
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import types

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
PACKAGING = os.path.join(TOP, "lib/packaging")
VERSION = re.search(r"project\(costrix VERSION ([\d.]+)", open(f"{TOP}/CMakeLists.txt", encoding="utf-8").read())[1]


def expect(condition, what):
    if not condition:
        sys.exit(f"recipes.py: {what}")


def configure(work, name, options):
    """Runs CMake with the options; each of them must be one that our CMakeLists.txt know."""
    command = ["cmake", "-G", "Ninja", "-S", TOP, "-B", f"{work}/{name}", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    expect(done.returncode == 0, f"{' '.join(command)} failed: {done.stderr}")
    expect("were not used by the project" not in done.stdout + done.stderr, f"{name}: {done.stderr}")
    targets = subprocess.run(
        ["ninja", "-C", f"{work}/{name}", "-t", "targets", "all"], capture_output=True, text=True, check=True
    ).stdout
    return {word for word in ("costrix", "costrix_ops", "unit_tests", "ivr") if re.search(rf"^{word}: phony", targets, re.M)}


STUBS = """
cmake_minimum_required(VERSION 3.25)
function(vcpkg_check_features)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
    set(options)
    while(arg_FEATURES)
        list(POP_FRONT arg_FEATURES feature option)
        if(feature IN_LIST FEATURES)
            list(APPEND options "-D${option}=ON")
        else()
            list(APPEND options "-D${option}=OFF")
        endif()
    endwhile()
    set(${arg_OUT_FEATURE_OPTIONS} "${options}" PARENT_SCOPE)
endfunction()
function(vcpkg_cmake_configure)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
    message("source ${arg_SOURCE_PATH}")
    message("options ${arg_OPTIONS}")
endfunction()
function(vcpkg_copy_tools)
    message("tools ${ARGN}")
endfunction()
function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    if(NOT EXISTS "${arg_FILE_LIST}")
        message(FATAL_ERROR "there is no ${arg_FILE_LIST}")
    endif()
endfunction()
foreach(name vcpkg_cmake_install vcpkg_cmake_config_fixup vcpkg_fixup_pkgconfig)
    cmake_language(EVAL CODE "function(${name})\\nendfunction()")
endforeach()
set(CURRENT_PACKAGES_DIR "${WORK}/vcpkg-packages")
include("${PORT}/portfile.cmake")
"""


def check_vcpkg(work):
    port = f"{PACKAGING}/vcpkg/costrix"
    with open(f"{port}/vcpkg.json", encoding="utf-8") as file:
        manifest = json.load(file)
    expect(manifest["name"] == "costrix", "vcpkg.json has another name")
    expect(manifest["version-semver"] == VERSION, f"vcpkg.json says {manifest['version-semver']}, not {VERSION}")
    script = f"{work}/port.cmake"
    with open(script, "w", encoding="utf-8") as file:
        file.write(STUBS)
    for features, programs in (("core", set()), ("core;tool", {"costrix"})):
        done = subprocess.run(
            ["cmake", f"-DPORT={port}", f"-DWORK={work}", f"-DFEATURES={features}", "-P", script],
            capture_output=True, text=True,
        )
        expect(done.returncode == 0, f"portfile.cmake fails: {done.stderr}")
        said = dict(line.split(" ", 1) for line in done.stderr.splitlines())
        expect(said["source"] == TOP, f"portfile.cmake builds {said['source']}")
        expect(("tools" in said) == bool(programs), "portfile.cmake does not install the tool as asked")
        expect(
            configure(work, "vcpkg-" + features.replace(";", "-"), said["options"].split(";")) == programs,
            f"the port with the features {features} builds other programs than {programs}",
        )


def stub_conan(variables):
    """Modules with the names that the recipe imports."""

    class Toolchain:
        def __init__(self, recipe):
            self.variables = variables

        def generate(self):
            pass

    copied = []
    modules = {
        "conan": {"ConanFile": type("ConanFile", (), {})},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": lambda recipe, least: expect(least == "20" or least == 20, least)},
        "conan.tools.cmake": {
            "CMake": None,
            "CMakeDeps": lambda recipe: types.SimpleNamespace(generate=lambda: None),
            "CMakeToolchain": Toolchain,
            "cmake_layout": lambda recipe: None,
        },
        "conan.tools.files": {
            "copy": lambda recipe, pattern, source, to: copied.append((pattern, source)),
            "load": lambda recipe, path: open(path, encoding="utf-8").read(),
        },
    }
    for name, contents in modules.items():
        module = types.ModuleType(name)
        vars(module).update(contents)
        sys.modules[name] = module
    return copied


def check_conan(work):
    variables = {}
    copied = stub_conan(variables)
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("conanfile", f"{PACKAGING}/conan/conanfile.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for tool, ops, built in ((False, False, set()), (True, False, {"costrix"}), (False, True, {"costrix_ops"})):
        recipe = module.Costrix()
        recipe.recipe_folder = f"{PACKAGING}/conan"
        recipe.export_sources_folder = f"{work}/export"
        recipe.options = types.SimpleNamespace(shared=False, tool=tool, ops=ops)
        needs = []
        recipe.requires = lambda what, **traits: needs.append(what.split("/")[0])
        recipe.set_version()
        expect(recipe.version == VERSION, f"the recipe has found version {recipe.version}, not {VERSION}")
        recipe.export_sources()
        recipe.requirements()
        recipe.validate()
        recipe.generate()
        expect({"asio", "boost", "spdlog"} <= set(needs), f"the recipe requires only {needs}")
        expect(("cli11" in needs) == tool, "the recipe does not require CLI11 for the tool")
        expect(("restinio" in needs) == ops, "the recipe does not require RESTinio for costrix::ops")
        options = [f"-D{name}={'ON' if value else 'OFF'}" for name, value in variables.items()]
        expect(
            configure(work, f"conan-{tool}-{ops}", options) == built,
            f"the recipe with tool={tool} and ops={ops} does not build just {built}",
        )
    for pattern, source in copied:
        where = os.path.join(source, pattern.removesuffix("/*"))
        expect("*" in where or os.path.exists(where), f"the recipe copies {where}, which is not there")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: recipes.py WORK_DIR")
    work = os.path.abspath(sys.argv[1])
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    check_vcpkg(work)
    check_conan(work)


main()

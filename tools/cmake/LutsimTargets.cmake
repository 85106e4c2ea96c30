# lutsim_library(NAME SOURCES ... [DEPS ...] [PRIVATE_DEPS ...])
#
# One static library per folder of the tree, called lutsim_<box>_<folder>. Includes are written from
# the root of the tree. DEPS are part of the interface, PRIVATE_DEPS are not. Those of models/ and
# workloads/ are installed (LutsimInstall.cmake).
function(lutsim_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  lutsim_install_library(${name})
endfunction()

# lutsim_interface_library(NAME [DEPS ...]): a folder that holds headers only.
function(lutsim_interface_library name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  add_library(${name} INTERFACE)
  target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  lutsim_install_library(${name})
endfunction()

# lutsim_test(NAME PREFIX prefix. SOURCES ... DEPS ... [SYSTEMC] [TIMEOUT s])
#
# A GoogleTest executable. CTest runs every TEST in its own process, so a SystemC kernel that cannot
# restart is no problem. SYSTEMC: the executable gets the sc_main of tests/support.
function(lutsim_test name)
  cmake_parse_arguments(ARG "SYSTEMC" "PREFIX;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_compile_definitions(${name} PRIVATE LUTSIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             LUTSIM_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(ARG_SYSTEMC)
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/sc_test_main.cpp)
    target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest SystemC::systemc)
    if(LUTSIM_SANITIZE)
      target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tools/sanitizer/main_stack_for_asan.cpp)
    endif()
  else()
    target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${ARG_PREFIX} DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

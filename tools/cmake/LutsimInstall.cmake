# What `cmake --install` and `cpack` take: the command, the files that it reads, and the libraries of
# models/ and workloads/ with their headers as the CMake package `lutsim`. sim/ and tools/ are not
# libraries for others: SystemC elaborates once in a process (docs/decisions/0006).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(LUTSIM_INSTALL_DATA ${CMAKE_INSTALL_DATADIR}/lutsim)
set(LUTSIM_INSTALL_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/lutsim)

# lutsim_install_library(NAME): exports a library of models/ or workloads/ as lutsim::<box>_<folder>.
function(lutsim_install_library name)
  if(NOT name MATCHES "^lutsim_((models|workloads)_.*)$")
    return()
  endif()
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${CMAKE_MATCH_1})
  target_include_directories(${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/lutsim>)
  install(TARGETS ${name} EXPORT lutsim ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/lutsim)
endfunction()

# lutsim_install_package(): everything that is not a library; once all targets are known.
function(lutsim_install_package)
  install(TARGETS lutsim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  foreach(folder models/hardware models/quality workloads/embedded)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/ DESTINATION ${LUTSIM_INSTALL_DATA}/${folder}
            PATTERN "*.cpp" EXCLUDE PATTERN "*.h" EXCLUDE PATTERN "CMakeLists.txt" EXCLUDE)
  endforeach()
  install(FILES ${PROJECT_SOURCE_DIR}/workloads/llm/models.csv DESTINATION ${LUTSIM_INSTALL_DATA}/workloads/llm)
  foreach(box models workloads)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${box}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lutsim/${box}
            FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
  endforeach()
  install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

  install(EXPORT lutsim NAMESPACE lutsim:: FILE lutsimTargets.cmake DESTINATION ${LUTSIM_INSTALL_PACKAGE})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/tools/cmake/lutsimConfig.cmake.in
                                ${PROJECT_BINARY_DIR}/lutsimConfig.cmake
                                INSTALL_DESTINATION ${LUTSIM_INSTALL_PACKAGE} PATH_VARS LUTSIM_INSTALL_DATA)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/lutsimConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/lutsimConfig.cmake ${PROJECT_BINARY_DIR}/lutsimConfigVersion.cmake
          DESTINATION ${LUTSIM_INSTALL_PACKAGE})

  foreach(shell bash zsh fish)
    set(script ${PROJECT_BINARY_DIR}/completion/lutsim.${shell})
    add_custom_command(OUTPUT ${script} COMMAND lutsim completion ${shell} > ${script} DEPENDS lutsim VERBATIM)
    list(APPEND scripts ${script})
  endforeach()
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/completion)
  add_custom_target(lutsim_completion ALL DEPENDS ${scripts})
  install(FILES ${PROJECT_BINARY_DIR}/completion/lutsim.bash
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME lutsim)
  install(FILES ${PROJECT_BINARY_DIR}/completion/lutsim.zsh
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _lutsim)
  install(FILES ${PROJECT_BINARY_DIR}/completion/lutsim.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_NAME lutsim)
  set(CPACK_PACKAGE_CONTACT "lutsim developers <noreply@example.org>")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "co-design simulator of a LUT-based accelerator for large language models")
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_STRIP_FILES ON)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  include(CPack)
endfunction()

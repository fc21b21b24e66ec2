# What `cmake --install` puts in place: the program, the public headers, one static library, and the
# package that find_package(Mote) reads. Tested by tools/check/examples.sh.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Mote)

if(TARGET mote)
  install(TARGETS mote RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/mote DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Users link one archive of all layers' objects.
get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
set(objects "")
foreach(target IN LISTS targets)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL STATIC_LIBRARY)
    list(APPEND objects $<TARGET_OBJECTS:${target}>)
  endif()
endforeach()
add_library(mote_library STATIC ${objects})
set_target_properties(mote_library PROPERTIES OUTPUT_NAME mote LINKER_LANGUAGE CXX)
install(TARGETS mote_library ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

configure_package_config_file(cmake/MoteConfig.cmake.in ${CMAKE_BINARY_DIR}/MoteConfig.cmake
                              INSTALL_DESTINATION ${package}
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/MoteConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/MoteConfig.cmake ${CMAKE_BINARY_DIR}/MoteConfigVersion.cmake
        DESTINATION ${package})

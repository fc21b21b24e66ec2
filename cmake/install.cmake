include(GNUInstallDirs)
if(TARGET mote)
  install(TARGETS mote RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

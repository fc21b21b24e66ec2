# One test program per folder of src/, from the `*_test.cc` beside the code, and one per folder of
# tests/. ctest sees every single test; one that needs real data says so and counts as skipped.
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)
file(GLOB_RECURSE test_support CONFIGURE_DEPENDS tests/support/*.cc)
set_source_files_properties(tests/support/places.cc PROPERTIES COMPILE_DEFINITIONS
  "MOTE_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\";MOTE_BUILD_DIR=\"${CMAKE_BINARY_DIR}\"")

function(mote_test name library)
  set(sources ${ARGN})
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources} ${test_support})
  target_link_libraries(${name}_test PRIVATE ${library} GTest::gtest_main
                        nlohmann_json::nlohmann_json)
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR})
  mote_compile_quickly(${name}_test)
  # The command line's tests share a trained model: one process, which begins first, since it takes
  # longest.
  if(name STREQUAL cli)
    add_test(NAME cli COMMAND cli_test)
    set_tests_properties(cli PROPERTIES TIMEOUT 2400 COST 1000)
    return()
  endif()
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                       DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 600 SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()

foreach(layer runtime base ir ops datasets formats passes zoo autograd deploy interpret evaluate
        compress study report api cli)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/${layer}/*_test.cc)
  # Tests may look at any layer; those below the interpreter are spared libtorch's start-up time.
  set(library mote_interpret mote_formats mote_datasets mote_zoo)
  if(layer STREQUAL runtime)
    set(library mote_base mote_runtime gmpxx gmp)
  elseif(layer STREQUAL base)
    set(library mote_base)
  elseif(layer MATCHES "^(autograd|evaluate|compress|api)$")
    set(library mote_api)
  elseif(layer STREQUAL study)
    set(library mote_study mote_report)
  elseif(layer STREQUAL report)
    set(library mote_report)
  endif()
  mote_test(${layer} "${library}" ${sources})
endforeach()
foreach(folder differential end_to_end fuzz browser)
  file(GLOB sources CONFIGURE_DEPENDS tests/${folder}/*_test.cc)
  set(library mote_interpret mote_formats mote_datasets mote_zoo)
  if(folder STREQUAL end_to_end)
    set(library mote_api mote_study mote_report)
  elseif(folder STREQUAL browser)
    set(library mote_report)
  endif()
  mote_test(${folder} "${library}" ${sources})
endforeach()

# These run the program itself.
foreach(test cli_test study_test)
  if(TARGET ${test})
    add_dependencies(${test} mote)
  endif()
endforeach()

# The house checks: scripts over the sources, and a test that each of them can fail.
foreach(check layers output arithmetic locale budget format docs self_test)
  add_test(NAME house.${check} COMMAND ${CMAKE_SOURCE_DIR}/tools/check/${check}.sh
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(house.${check} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()
# These train, which a sanitized build is too slow for, and link what this build installs.
if(TARGET mote AND NOT MOTE_SANITIZE)
  add_test(NAME house.readme_example
           COMMAND ${CMAKE_SOURCE_DIR}/tools/check/readme_example.sh $<TARGET_FILE_DIR:mote>
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME house.study_tables
           COMMAND ${CMAKE_SOURCE_DIR}/tools/check/study_tables.sh $<TARGET_FILE_DIR:mote>
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME house.examples COMMAND ${CMAKE_SOURCE_DIR}/tools/check/examples.sh
           ${CMAKE_BINARY_DIR} ${CMAKE_CXX_COMPILER})
  set_tests_properties(house.readme_example house.examples PROPERTIES
                       SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()

if(MOTE_FUZZ)
  file(GLOB fuzzers CONFIGURE_DEPENDS tests/fuzz/*_fuzzer.cc)
  foreach(source IN LISTS fuzzers)
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE mote_interpret mote_formats)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()

# The benchmarks of bench/, where Google Benchmark is there: `mote_bench`, run by hand on a quiet
# machine.
find_package(benchmark QUIET)
file(GLOB sources CONFIGURE_DEPENDS bench/*.cc)
if(benchmark_FOUND)
  add_executable(mote_bench ${sources})
  target_link_libraries(mote_bench PRIVATE mote_interpret mote_formats benchmark::benchmark_main)
  target_include_directories(mote_bench PRIVATE ${CMAKE_SOURCE_DIR})
endif()

# The benchmarks of bench/, run by hand on a quiet machine: `mote_bench`, where Google Benchmark is
# there, and `mote_sparsity`, which needs the emulator.
find_package(benchmark QUIET)
file(GLOB sources CONFIGURE_DEPENDS bench/*.cc)
list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/bench/sparsity.cc)
if(benchmark_FOUND)
  add_executable(mote_bench ${sources})
  target_link_libraries(mote_bench PRIVATE mote_interpret mote_formats benchmark::benchmark_main)
  target_include_directories(mote_bench PRIVATE ${CMAKE_SOURCE_DIR})
endif()
add_executable(mote_sparsity bench/sparsity.cc)
target_link_libraries(mote_sparsity PRIVATE mote_evaluate)
target_include_directories(mote_sparsity PRIVATE ${CMAKE_SOURCE_DIR})

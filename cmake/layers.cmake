# One static library per folder of src/. Sources are globbed: adding an operator, a pass or a device
# is adding its files. `*_test.cc` belong to the tests, `*_torch.cc` to the one unit of torch twins.
# The presets compile C++ some files at a time, in a third of the time of one by one
# (CMAKE_UNITY_BUILD); the operators, whose files name the same functions, go one by one.

# L0 and the operators' kernels: freestanding C11, as strict as the firmware they become.
function(mote_runtime)
  file(GLOB_RECURSE runtime CONFIGURE_DEPENDS src/runtime/*.c)
  file(GLOB_RECURSE kernels CONFIGURE_DEPENDS src/ops/*.c)
  # Sanitized, -O3 would take minutes more to compile and gain little.
  set(flags -ffreestanding -Wall -Wextra -Wpedantic -Wconversion -ffp-contract=off
      $<IF:$<CONFIG:Debug>,-O1,-O3>)
  foreach(library runtime kernels)
    if(${library})
      add_library(mote_${library} STATIC ${${library}})
      target_compile_options(mote_${library} PRIVATE ${flags})
      set_target_properties(mote_${library} PROPERTIES UNITY_BUILD OFF)
      target_link_libraries(mote_${library} PUBLIC mote_flags)
    else()
      add_library(mote_${library} INTERFACE)
    endif()
  endforeach()
  if(kernels)
    target_link_libraries(mote_kernels PUBLIC mote_runtime)
  else()
    target_link_libraries(mote_kernels INTERFACE mote_runtime mote_flags)
  endif()

  file(GLOB_RECURSE twins CONFIGURE_DEPENDS src/ops/*_torch.cc)
  if(twins)
    add_library(torch_twins STATIC ${twins})
    set_target_properties(torch_twins PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    mote_use_torch(torch_twins)
    target_link_libraries(torch_twins PUBLIC mote_flags)
  else()
    add_library(torch_twins INTERFACE)
  endif()
endfunction()

# libtorch's headers are system headers here; its flags stay with those who include them.
function(mote_use_torch target)
  target_include_directories(${target} SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
  target_link_libraries(${target} PUBLIC ${TORCH_LIBRARIES} Threads::Threads)
endfunction()

# Code that is not computing: tests, and what only reads, prints and calls. Optimizing it would take
# a quarter of the build's time.
function(mote_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(mote_layer name)
  cmake_parse_arguments(arg "QUICK;APART" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_(test|torch)\\.cc$")
  if(name STREQUAL base)
    list(APPEND sources ${generated}/resource_table.cc ${generated}/resources.S)
  endif()
  set(torch OFF)
  if(TORCH IN_LIST arg_DEPENDS)
    set(torch ON)
    list(REMOVE_ITEM arg_DEPENDS TORCH)
  endif()
  if(sources)
    add_library(mote_${name} STATIC ${sources})
    target_link_libraries(mote_${name} PUBLIC mote_flags ${arg_DEPENDS} fmt::fmt)
    if(torch)
      mote_use_torch(mote_${name})
    endif()
    if(arg_APART)
      set_target_properties(mote_${name} PROPERTIES UNITY_BUILD OFF)
    endif()
    if(arg_QUICK)
      mote_compile_quickly(mote_${name})
    endif()
    if(name STREQUAL formats)
      mote_flatbuffers_schemas(mote_${name})
    elseif(name STREQUAL study)
      mote_build_info(mote_${name})
    endif()
  else()
    add_library(mote_${name} INTERFACE)
    target_link_libraries(mote_${name} INTERFACE mote_flags ${arg_DEPENDS} fmt::fmt)
  endif()
endfunction()

# Compiles the schema texts of formats/: accessors, and the binary schema that reflection reads.
function(mote_flatbuffers_schemas target)
  file(GLOB_RECURSE schemas CONFIGURE_DEPENDS src/formats/*.fbs)
  foreach(schema IN LISTS schemas)
    get_filename_component(stem ${schema} NAME_WE)
    set(headers ${generated}/${stem}_generated.h ${generated}/${stem}_bfbs_generated.h)
    add_custom_command(
      OUTPUT ${headers}
      COMMAND ${FLATC} --cpp --scoped-enums --bfbs-gen-embed -o ${generated} ${schema}
      DEPENDS ${schema} VERBATIM)
    target_sources(${target} PRIVATE ${headers})
  endforeach()
endfunction()

# The commit that is built, asked for at every build; what is compiled again is one small file.
function(mote_build_info target)
  set(source ${generated}/build_info.cc)
  add_custom_target(build_info BYPRODUCTS ${source} VERBATIM
                    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${source}
                            -DVERSION=${PROJECT_VERSION} -P ${CMAKE_SOURCE_DIR}/cmake/commit.cmake)
  target_sources(${target} PRIVATE ${source})
  add_dependencies(${target} build_info)
endfunction()

function(mote_program name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_executable(mote ${sources})
    target_link_libraries(mote PRIVATE mote_api mote_study mote_report CLI11::CLI11
                          nlohmann_json::nlohmann_json)
    mote_compile_quickly(mote)
    target_compile_definitions(mote PRIVATE MOTE_VERSION="${PROJECT_VERSION}")
  endif()
endfunction()

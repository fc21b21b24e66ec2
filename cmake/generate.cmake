# What the build derives from ops/ops.inc and the folders: headers that include every operator's,
# and the files that the program carries within itself (base/resources.h).
set(generated ${CMAKE_BINARY_DIR}/generated)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/ops/ops.inc)
file(STRINGS src/ops/ops.inc rows REGEX "^MOTE_OP\\(")
set(attributes "")
set(kernel_headers "")
set(kernel_tables "")
foreach(row IN LISTS rows)
  string(REGEX REPLACE "^MOTE_OP\\([A-Za-z0-9]+, *([a-z0-9_]+)\\).*" "\\1" folder ${row})
  string(APPEND attributes "#include \"ops/${folder}/${folder}.h\"\n")
endforeach()
file(GLOB tables CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src src/ops/*/kernels.inc)
foreach(table IN LISTS tables)
  string(REGEX REPLACE "^ops/([a-z0-9_]+)/.*" "\\1" folder ${table})
  string(APPEND kernel_headers "#include \"ops/${folder}/${folder}_kernels.h\"\n")
  string(APPEND kernel_tables "#define MOTE_KERNEL_FOLDER \"ops/${folder}/\"\n"
         "#include \"${table}\"\n#undef MOTE_KERNEL_FOLDER\n")
endforeach()
file(CONFIGURE OUTPUT ${generated}/attributes.h CONTENT "#pragma once\n${attributes}")
file(CONFIGURE OUTPUT ${generated}/kernel_headers.h CONTENT "#pragma once\n${kernel_headers}")
file(CONFIGURE OUTPUT ${generated}/kernels.inc CONTENT "${kernel_tables}")

# The instruction counter: a plugin of the emulator, which loads it on this machine.
add_library(icnt MODULE tools/icnt.c)
set_target_properties(icnt PROPERTIES PREFIX "" SUFFIX ".so"
                      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_compile_options(icnt PRIVATE -Wall -Wextra -Wpedantic -O2)
target_include_directories(icnt PRIVATE src/deploy/emulate)

# Resources: each file's bytes by .incbin, and a table of names.
file(GLOB_RECURSE resources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src
     src/runtime/*.h src/runtime/*.c src/ops/*_kernels.h src/ops/*_lanes.h src/ops/*_loop.h
     src/ops/*_dsp.h src/ops/*.c src/*.toml src/*.mustache src/*.ld src/deploy/*.c src/deploy/*.h.in
     src/report/*.html src/report/*.css src/report/*.js)
list(APPEND resources tools/icnt.so report/chart.js)
list(SORT resources)
set(assembly "  .section .rodata\n")
set(table "#include \"base/resource_table.h\"\n#include <cstddef>\nextern \"C\" {\n")
set(entries "")
set(number 0)
foreach(file IN LISTS resources)
  set(path ${CMAKE_SOURCE_DIR}/src/${file})
  if(file STREQUAL tools/icnt.so)
    set(path ${CMAKE_BINARY_DIR}/icnt.so)
  elseif(file STREQUAL report/chart.js)
    set(path ${CHART_JS})
  endif()
  string(APPEND assembly "  .global mote_resource_${number}, mote_resource_${number}_end\n"
         "mote_resource_${number}:\n  .incbin \"${path}\"\n"
         "mote_resource_${number}_end:\n  .byte 0\n")
  string(APPEND table "extern const char mote_resource_${number}[];\n"
         "extern const char mote_resource_${number}_end[];\n")
  string(APPEND entries "  {\"${file}\", mote_resource_${number}, mote_resource_${number}_end},\n")
  list(APPEND resource_files ${path})
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND assembly "  .section .note.GNU-stack,\"\",%progbits\n")
string(APPEND table "}\nconst mote::ResourceEntry mote::kResources[] = {\n${entries}};\n"
       "const std::size_t mote::kResourceCount = ${number};\n")
file(CONFIGURE OUTPUT ${generated}/resources.S CONTENT "${assembly}" @ONLY)
file(CONFIGURE OUTPUT ${generated}/resource_table.cc CONTENT "${table}" @ONLY)
set_source_files_properties(${generated}/resources.S PROPERTIES OBJECT_DEPENDS "${resource_files}")

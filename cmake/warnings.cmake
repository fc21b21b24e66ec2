# Flags for all code of ours; kernels get more in layers.cmake.
add_library(mote_flags INTERFACE)
target_include_directories(mote_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include
                           ${CMAKE_BINARY_DIR})
target_compile_options(mote_flags INTERFACE -Wall -Wextra -Wpedantic -ffp-contract=off)
if(MOTE_WERROR)
  target_compile_options(mote_flags INTERFACE -Werror)
endif()
if(MOTE_SANITIZE)
  target_compile_options(mote_flags INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mote_flags INTERFACE -fsanitize=address,undefined)
endif()
if(MOTE_FUZZ)
  target_compile_options(mote_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Flags for all code of ours; kernels get more in layers.cmake.
add_library(mote_flags INTERFACE)
target_include_directories(mote_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include
                           ${CMAKE_BINARY_DIR})
target_compile_options(mote_flags INTERFACE -Wall -Wextra -Wpedantic -ffp-contract=off)
# GCC takes a file in a batch for a header, whose types must not hold what is in no namespace.
if(CMAKE_UNITY_BUILD)
  target_compile_options(mote_flags INTERFACE
                         $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endif()
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

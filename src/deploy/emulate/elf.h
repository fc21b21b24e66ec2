// What a linked firmware takes, from the sections of its ELF file. Tested by elf_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "ir/types.h"

namespace mote::deploy {

struct ElfSizes {
  int64_t flash_bytes = 0;  // code, constants, and the initial values of variables
  int64_t ram_bytes = 0;    // variables, initialized or zero
};

// Of a 32-bit little-endian ELF file. Throws Error{internal} that names `where` for anything else.
ElfSizes elf_sizes(const Bytes& file, const std::string& where);

}  // namespace mote::deploy

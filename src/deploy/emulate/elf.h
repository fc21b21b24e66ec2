// What a linked firmware takes, and where its functions lie, from its ELF file. Tested by
// elf_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ir/types.h"

namespace mote::deploy {

struct ElfSizes {
  int64_t flash_bytes = 0;  // code, constants, and the initial values of variables
  int64_t ram_bytes = 0;    // variables, initialized or zero
  // Of these, what sections have whose names begin with ".external".
  int64_t external_flash_bytes = 0;
  int64_t external_ram_bytes = 0;
};

// Of a 32-bit little-endian ELF file. Throws Error{internal} that names `where` for anything else.
ElfSizes elf_sizes(const Bytes& file, const std::string& where);

struct ElfFunction {
  uint32_t address = 0;  // of its first instruction, without the Thumb bit
  uint32_t size = 0;     // in bytes
};

// The functions of the symbol table, by name; of equal names the last. Throws as elf_sizes does.
std::map<std::string, ElfFunction> elf_functions(const Bytes& file, const std::string& where);

}  // namespace mote::deploy

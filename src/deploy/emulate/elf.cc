#include "deploy/emulate/elf.h"

#include <elf.h>

#include <cstring>

#include "ir/error.h"

namespace mote::deploy {
namespace {

template <class T>
T read_at(const Bytes& file, size_t offset, const std::string& where) {
  T value;
  if (offset > file.size() || file.size() - offset < sizeof value)
    throw Error(ErrorKind::internal, "the ELF file ends early", where);
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

}  // namespace

ElfSizes elf_sizes(const Bytes& file, const std::string& where) {
  const auto header = read_at<Elf32_Ehdr>(file, 0, where);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS32 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB)
    throw Error(ErrorKind::internal, "not a 32-bit little-endian ELF file", where);
  ElfSizes sizes;
  for (size_t i = 0; i < header.e_shnum; i++) {
    const auto section = read_at<Elf32_Shdr>(file, header.e_shoff + i * header.e_shentsize, where);
    if ((section.sh_flags & SHF_ALLOC) == 0) continue;
    if (section.sh_type != SHT_NOBITS) sizes.flash_bytes += section.sh_size;
    if ((section.sh_flags & SHF_WRITE) != 0) sizes.ram_bytes += section.sh_size;
  }
  return sizes;
}

}  // namespace mote::deploy

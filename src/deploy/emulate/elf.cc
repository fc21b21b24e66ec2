#include "deploy/emulate/elf.h"

#include <elf.h>

#include <cstring>

#include "base/error.h"

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

std::vector<Elf32_Shdr> read_sections(const Bytes& file, const std::string& where) {
  const auto header = read_at<Elf32_Ehdr>(file, 0, where);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS32 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB)
    throw Error(ErrorKind::internal, "not a 32-bit little-endian ELF file", where);
  std::vector<Elf32_Shdr> sections;
  for (size_t i = 0; i < header.e_shnum; i++)
    sections.push_back(read_at<Elf32_Shdr>(file, header.e_shoff + i * header.e_shentsize, where));
  return sections;
}

std::string read_name(const Bytes& file, const Elf32_Shdr& strings, size_t at,
                      const std::string& where) {
  std::string name;
  for (at += strings.sh_offset;; at++) {
    const char c = read_at<char>(file, at, where);
    if (c == 0) return name;
    name += c;
  }
}

}  // namespace

ElfSizes elf_sizes(const Bytes& file, const std::string& where) {
  ElfSizes sizes;
  const std::vector<Elf32_Shdr> sections = read_sections(file, where);
  const size_t names = read_at<Elf32_Ehdr>(file, 0, where).e_shstrndx;
  for (const Elf32_Shdr& section : sections) {
    if ((section.sh_flags & SHF_ALLOC) == 0) continue;
    const bool external =
        names < sections.size() &&
        read_name(file, sections[names], section.sh_name, where).starts_with(".external");
    const auto count = [&](int64_t& all, int64_t& there) {
      all += section.sh_size;
      if (external) there += section.sh_size;
    };
    if (section.sh_type != SHT_NOBITS) count(sizes.flash_bytes, sizes.external_flash_bytes);
    if ((section.sh_flags & SHF_WRITE) != 0) count(sizes.ram_bytes, sizes.external_ram_bytes);
  }
  return sizes;
}

std::map<std::string, ElfFunction> elf_functions(const Bytes& file, const std::string& where) {
  const std::vector<Elf32_Shdr> sections = read_sections(file, where);
  std::map<std::string, ElfFunction> functions;
  for (const Elf32_Shdr& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    for (size_t at = 0; at < section.sh_size; at += sizeof(Elf32_Sym)) {
      const auto symbol = read_at<Elf32_Sym>(file, section.sh_offset + at, where);
      if (ELF32_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
      functions[read_name(file, sections[section.sh_link], symbol.st_name, where)] = {
          symbol.st_value & ~UINT32_C(1), symbol.st_size};
    }
  }
  return functions;
}

}  // namespace mote::deploy

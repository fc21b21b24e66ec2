#include "deploy/emulate/elf.h"

#include <elf.h>

#include <cstring>

#include <gtest/gtest.h>

#include "ir/error.h"

namespace mote::deploy {
namespace {

Elf32_Shdr section(uint32_t type, uint32_t flags, uint32_t size) {
  Elf32_Shdr header{};
  header.sh_type = type;
  header.sh_flags = flags;
  header.sh_size = size;
  return header;
}

Bytes file_of(const std::vector<Elf32_Shdr>& sections) {
  Elf32_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_shoff = sizeof header;
  header.e_shentsize = sizeof(Elf32_Shdr);
  header.e_shnum = static_cast<Elf32_Half>(sections.size());
  Bytes file(sizeof header + sections.size() * sizeof(Elf32_Shdr));
  std::memcpy(file.data(), &header, sizeof header);
  std::memcpy(file.data() + sizeof header, sections.data(), sections.size() * sizeof(Elf32_Shdr));
  return file;
}

TEST(Elf, VariablesWithValuesCountTwice) {
  const Bytes file =
      file_of({section(SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1000),
               section(SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 20),
               section(SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 300), section(SHT_PROGBITS, 0, 5000)});
  const ElfSizes sizes = elf_sizes(file, "x.elf");
  EXPECT_EQ(sizes.flash_bytes, 1020);
  EXPECT_EQ(sizes.ram_bytes, 320);
}

TEST(Elf, RefusesWhatIsNone) {
  EXPECT_THROW(elf_sizes(Bytes(4), "x.elf"), Error);
  EXPECT_THROW(elf_sizes(Bytes(100), "x.elf"), Error);
  Bytes file = file_of({section(SHT_PROGBITS, SHF_ALLOC, 1)});
  file.pop_back();
  EXPECT_THROW(elf_sizes(file, "x.elf"), Error);
}

}  // namespace
}  // namespace mote::deploy

#include "deploy/emulate/elf.h"

#include <elf.h>

#include <cstring>

#include <gtest/gtest.h>

#include "base/error.h"

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

TEST(Elf, TellsExternalMemoryByTheSectionsNames) {
  const char names[] = "\0.text\0.external_constants\0.external_arena";
  Elf32_Shdr text = section(SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1000);
  Elf32_Shdr constants = section(SHT_PROGBITS, SHF_ALLOC, 200);
  Elf32_Shdr arena = section(SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 30);
  Elf32_Shdr strings = section(SHT_STRTAB, 0, sizeof names);
  text.sh_name = 1;
  constants.sh_name = 7;
  arena.sh_name = 27;
  strings.sh_offset = static_cast<uint32_t>(file_of({text, constants, arena, strings}).size());
  Bytes file = file_of({text, constants, arena, strings});
  file.insert(file.end(), std::begin(names), std::end(names));
  const Elf32_Half index = 3;
  std::memcpy(file.data() + offsetof(Elf32_Ehdr, e_shstrndx), &index, sizeof index);
  const ElfSizes sizes = elf_sizes(file, "x.elf");
  EXPECT_EQ(sizes.flash_bytes, 1200);
  EXPECT_EQ(sizes.external_flash_bytes, 200);
  EXPECT_EQ(sizes.ram_bytes, 30);
  EXPECT_EQ(sizes.external_ram_bytes, 30);
}

TEST(Elf, NamesFunctionsWithoutTheThumbBit) {
  const Elf32_Sym symbols[] = {{1, 0x101, 20, ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1},
                               {3, 0x200, 4, ELF32_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1},
                               {5, 0x121, 6, ELF32_ST_INFO(STB_LOCAL, STT_FUNC), 0, 1}};
  const char names[] = "\0f\0v\0gg";
  Elf32_Shdr table = section(SHT_SYMTAB, 0, sizeof symbols);
  Elf32_Shdr strings = section(SHT_STRTAB, 0, sizeof names);
  table.sh_link = 1;
  table.sh_offset = static_cast<uint32_t>(file_of({table, strings}).size());
  strings.sh_offset = table.sh_offset + static_cast<uint32_t>(sizeof symbols);
  Bytes file = file_of({table, strings});
  const auto append = [&](const void* from, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(from);
    file.insert(file.end(), bytes, bytes + size);
  };
  append(symbols, sizeof symbols);
  append(names, sizeof names);
  const auto functions = elf_functions(file, "x.elf");
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions.at("f").address, 0x100u);
  EXPECT_EQ(functions.at("f").size, 20u);
  EXPECT_EQ(functions.at("gg").address, 0x120u);
  file.resize(file.size() - 2);  // the last name has no end
  EXPECT_THROW(elf_functions(file, "x.elf"), Error);
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

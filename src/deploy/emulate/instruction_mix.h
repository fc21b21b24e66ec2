// How many instructions of each class (instruction_classes.inc) ran, and the words they moved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mote::deploy {

enum class InstructionClass : uint8_t {
#define MOTE_INSTRUCTION_CLASS(name) name,
#include "deploy/emulate/instruction_classes.inc"
#undef MOTE_INSTRUCTION_CLASS
};

inline constexpr std::string_view kInstructionClasses[] = {
#define MOTE_INSTRUCTION_CLASS(name) #name,
#include "deploy/emulate/instruction_classes.inc"
#undef MOTE_INSTRUCTION_CLASS
};

struct InstructionMix {
  std::array<int64_t, std::size(kInstructionClasses)> count{};  // by class
  int64_t load_words = 0;   // that loads, and branches to a loaded address, read from memory
  int64_t store_words = 0;  // bytes and halfwords count as words

  int64_t& operator[](InstructionClass c) { return count[static_cast<size_t>(c)]; }
  int64_t operator[](InstructionClass c) const { return count[static_cast<size_t>(c)]; }
  // Of all classes: each instruction belongs to one.
  int64_t instructions() const;
  InstructionMix& operator+=(const InstructionMix& other);
  bool operator==(const InstructionMix&) const = default;
};

}  // namespace mote::deploy

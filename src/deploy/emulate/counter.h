// The instruction counter, tools/icnt.c, as the emulator is told of it and as it answers. Inside
// emulate/ only. Tested by counter_test.cc.
#pragma once

#include <string>
#include <vector>

#include "deploy/emulate/elf.h"
#include "deploy/emulate/instruction_mix.h"

namespace mote::deploy {

// The argument of the emulator's option -plugin: in the functions of one region, a section is what
// runs until the next of `functions` has returned to `caller`.
std::string counter_argument(const std::string& plugin, const ElfFunction& caller,
                             const std::vector<ElfFunction>& functions);

// The sections of region 0 in the emulator's output; at least one. Throws Error{internal} where the
// counter was silent.
std::vector<InstructionMix> counted_sections(const std::string& log);

}  // namespace mote::deploy

// Which layers of a program have the constants of their channels packed
// (deploy/storage/channels.h): those where that saves flash, takes no RAM and next to no time.
// Tested by pack_channels_test.cc.
#pragma once

#include <vector>

#include "ir/program.h"

namespace mote::deploy {

// The constants of the channels of one call, in one.
struct PackedChannels {
  size_t call = 0;
  Constant constant;
  int64_t layer_instructions = 0;
};

// About what the portable kernels take for a call whose weights are plain, without those that are
// 0.
int64_t layer_instructions(const Call& call, const std::vector<Constant>& constants);

// Takes them in the place of those that the calls have, where all is smaller for it, with the code
// that unpacks them, and in a thirty-second more of all layers' instructions at most: into bytes of
// the arena that nothing lies in while the call runs, so that it never grows. What other calls read
// as it is stays for them. The program's memory is planned.
void pack_channels(Program& program, std::vector<PackedChannels> packed);

}  // namespace mote::deploy

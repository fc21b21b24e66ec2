// Which layers of a program have the constants of their channels packed
// (deploy/storage/channels.h): those where that saves flash and takes no RAM. Tested by
// pack_channels_test.cc.
#pragma once

#include <vector>

#include "ir/program.h"

namespace mote::deploy {

// The constants of the channels of one call, in one.
struct PackedChannels {
  size_t call = 0;
  Constant constant;
};

// Takes them in the place of those that the calls have, where all is smaller for it, with the code
// that unpacks them: into bytes of the arena that nothing lies in while the call runs, so that it
// never grows. What other calls read as it is stays for them. The program's memory is planned.
void pack_channels(Program& program, std::vector<PackedChannels> packed);

}  // namespace mote::deploy

// The choice of a storage for each layer's weights, by the bytes that it takes and the instructions
// that reading it costs, and of the kernels that skip what is not there. Tested by packing_test.cc.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "deploy/devices/device.h"
#include "deploy/storage/storage.h"
#include "ops/kernel.h"

namespace mote::deploy {

// What may be chosen.
struct PackingRules {
  std::vector<std::string> isa = {"any"};  // what the kernels may need
  std::vector<mote_storage> refused = {};
  bool variants = true;  // of kernels that skip zeros
  Preference prefer = Preference::balance;
};

// What was chosen for the weights of one call.
struct Packed {
  mote_storage storage;
  const Kernel* skips_zeros = nullptr;  // the variant, where it is one that does
  int64_t kept_bytes = 0;               // in the smallest storage that is never given up
  // in all others that are no larger; of slow ones only in what was chosen, unless flash is
  // preferred
  std::map<mote_storage, int64_t> bytes = {};
};

// Puts the weights of a call, among whose constants its operands count, into the smallest storage
// that holds them and that its kernel reads (ops/kernel.h), or of those that are hardly larger the
// fastest, but never into a sparse one that is larger than a dense one, nor into a slow one that
// shows in the layer's instructions, and asks for the scratch that a tile of output channels is
// decoded into. Where that takes fewer instructions, the call becomes one of the kernel's sparse
// variant, which `reference`, the same call of the reference kernel, is made into. Where flash is
// preferred: into the smallest storage, whichever, and for no other kernel. Nothing smaller than
// the weights as they are: they stay.
std::optional<Packed> pack_weights(Call& call, const Call& reference,
                                   std::vector<Constant>& constants, const PackingRules& rules);

// Takes out of the rules a storage, or the sparse variants, whose code is larger than what they
// have saved in all calls of a program; false, and nothing done, where everything pays.
bool drop_what_costs_more(std::span<const Packed> packed, PackingRules& rules);

// Puts the weights into that storage, whatever its size, and tiles of so many channels: for a
// kernel that skips zeros without them. False, and nothing done, where it cannot hold them or the
// kernel does not read it. For tests.
bool pack_weights_as(const Storage& storage, int32_t tile_channels, Call& call,
                     std::vector<Constant>& constants);

}  // namespace mote::deploy

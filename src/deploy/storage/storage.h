// Which storage weights are kept in, and the encoders of those that runtime/ decodes. Every storage
// is lossless: it can change a firmware's size and speed, never a bit of its results. Tested by
// tests/differential/storage_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ir/program.h"

namespace mote::deploy {

// Puts the weights of a call, among whose constants its operands count, into the smallest storage
// that holds them, and asks for the scratch that a tile of output channels is decoded into. The
// kernel must read its weights by runtime/weights.h.
void pack_weights(Call& call, std::vector<Constant>& constants);

// The bytes of a storage, or nothing where it cannot hold every weight exactly.
std::optional<Bytes> encode_f16(std::span<const float> weights);
std::optional<Bytes> encode_dense4(std::span<const int8_t> weights);

}  // namespace mote::deploy

// Packs the constants of an int8 convolution for the kernels that compute in tiles: weights in the
// order of runtime/tile.h, and bias, multipliers and shifts filled up to whole blocks of channels.
// Tested by tests/differential/variants_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"

extern "C" {
#include "runtime/tile.h"
}

namespace mote {

// What a tile of one instruction set reads.
struct TileFormat {
  int32_t channels;  // of a block
  int32_t step;      // input elements that one instruction takes
  int32_t offset;    // added to an input; where not 0 inputs and weights are bytes, else 16 bits
};
inline constexpr TileFormat kAvx2Tiles{MOTE_AVX2_TILE_CHANNELS, MOTE_AVX2_TILE_STEP, 0};
inline constexpr TileFormat kAvx512Tiles{MOTE_AVX512_TILE_CHANNELS, MOTE_AVX512_TILE_STEP,
                                         MOTE_AVX512_TILE_OFFSET};

struct TiledLayer {
  int32_t input_zero_point = 0;
  int32_t output_channels = 0;
  int32_t group_outputs = 0;  // output channels of one group
  int32_t runs = 0;           // of consecutive input elements under one window
  int32_t run_elements = 0;
  int64_t window_elements = 0;  // of the padded input rows under a row of windows
};

// Rearranges operands 1 to 4 (weights, bias, multiplier, shift) and asks for the scratch. False,
// with nothing done, where the scratch would be absurdly large.
bool pack_tiles(const TiledLayer& layer, const TileFormat& format, Call& call,
                std::vector<Constant>& constants);

}  // namespace mote

// Makes calls of reference kernels ones of the kernels that compute in tiles (tiled_kernels.h):
// plans strips and runs, packs weights in the order of runtime/tile.h, and fills what belongs to
// channels (bias, multiplier, shift, scale) up to whole blocks of them. Tested by
// tests/differential/rows_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"

extern "C" {
#include "ops/tiled/tiled_kernels.h"
}

namespace mote {

// What the tiles of one instruction set read.
struct TileFormat {
  int32_t lanes;      // output channels of a block
  int32_t step_s8;    // elements that one instruction takes; MOTE_STEP_S16 of int16, 1 of float
  int32_t offset_s8;  // added to an input; where not 0 inputs and weights are bytes, else 16 bits
};
inline constexpr TileFormat kAvx2Tiles{8, MOTE_AVX2_STEP_S8, 0};
inline constexpr TileFormat kAvx512Tiles{16, MOTE_AVX512_STEP_S8, MOTE_AVX512_OFFSET_S8};

enum class TileType : uint8_t { s8, s16, f32, f32s8 };  // as kernels' names end

// A layer as the reference kernel's parameters describe it.
struct TiledLayer {
  // All but taps, tap_pixels, steps, strip_rows, padded_pixels and pixel_elements.
  mote_tiled_params params{};
  int32_t window_width = 1;
  TileType type = TileType::s8;
};

// False, with nothing done, where a sum could leave what the vector form of the rescaling takes
// (a bias close to the ends of 32 bits), where a weight is infinite or no number, so that padding
// with zeros would show, or where the scratch would be absurdly large.
bool tile(const TiledLayer& layer, const TileFormat& format, Call& call,
          std::vector<Constant>& constants);

}  // namespace mote

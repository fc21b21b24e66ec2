// What the x86 variants of FullyConnected on int8 need of a call. Tested by
// tests/differential/variants_test.cc.
#include "ops/fully_connected/fully_connected_kernels.h"
#include "ops/kernel.h"
#include "ops/tiling.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {
namespace {

bool tile(const TileFormat& format, Call& call, std::vector<Constant>& constants) {
  const auto p = params_of<mote_fully_connected_s8_params>(call);
  if (p.rounding != MOTE_ROUNDING_DOUBLE) return false;
  return pack_tiles({.input_zero_point = p.input_zero_point,
                     .output_channels = p.output_channels,
                     .group_outputs = p.output_channels,
                     .runs = 1,
                     .run_elements = p.input_channels,
                     .window_elements = int64_t{p.row_vectors} * p.input_channels},
                    format, call, constants);
}

}  // namespace

bool tile_fully_connected_avx2(Call& call, std::vector<Constant>& constants) {
  return tile(kAvx2Tiles, call, constants);
}

bool tile_fully_connected_avx512(Call& call, std::vector<Constant>& constants) {
  return tile(kAvx512Tiles, call, constants);
}

}  // namespace mote

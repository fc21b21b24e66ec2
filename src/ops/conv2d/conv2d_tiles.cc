// What the x86 variants of Conv2D on int8 need of a call. Tested by
// tests/differential/variants_test.cc.
#include "ops/conv2d/conv2d_kernels.h"
#include "ops/kernel.h"
#include "ops/tiling.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {
namespace {

bool tile(const TileFormat& format, Call& call, std::vector<Constant>& constants) {
  const auto p = params_of<mote_conv2d_s8_params>(call);
  if (p.rounding != MOTE_ROUNDING_DOUBLE) return false;
  const bool whole_rows = p.dilation_width == 1 && p.group_inputs == p.input_channels;
  const int64_t width =
      int64_t{p.output_width - 1} * p.stride_width + int64_t{p.window_width - 1} * p.dilation_width;
  return pack_tiles({.input_zero_point = p.input_zero_point,
                     .output_channels = p.output_channels,
                     .group_outputs = p.group_outputs,
                     .runs = p.window_height * (whole_rows ? 1 : p.window_width),
                     .run_elements = p.group_inputs * (whole_rows ? p.window_width : 1),
                     .window_elements = p.window_height * (width + 1) * p.input_channels},
                    format, call, constants);
}

}  // namespace

bool tile_conv2d_avx2(Call& call, std::vector<Constant>& constants) {
  return tile(kAvx2Tiles, call, constants);
}

bool tile_conv2d_avx512(Call& call, std::vector<Constant>& constants) {
  return tile(kAvx512Tiles, call, constants);
}

}  // namespace mote

// The layers that the kernels in tiles serve: what Conv2D, DepthwiseConv2D and FullyConnected mean
// to them. Tested by tests/differential/rows_test.cc.
#include "ops/kernel.h"
#include "ops/tiled/tiling.h"
#include "runtime/arithmetic/requantize.h"

extern "C" {
#include "ops/conv2d/conv2d_kernels.h"
#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"
#include "ops/fully_connected/fully_connected_kernels.h"
}

namespace mote {
namespace {

// What the parameters of all three have; those of int16 have no zero points but widths of biases,
// and float32 has neither.
template <class Params>
TiledLayer layer_of(const Params& p) {
  TiledLayer layer;
  layer.params.batch = p.batch;
  layer.params.input_channels = p.input_channels;
  if constexpr (!requires { p.rounding; }) {
    layer.type = TileType::f32;
    layer.params.real_min = p.activation_min;
    layer.params.real_max = p.activation_max;
    return layer;
  } else {
    layer.params.activation_min = p.activation_min;
    layer.params.activation_max = p.activation_max;
  }
  if constexpr (requires { p.bias_bits; }) {
    layer.type = TileType::s16;
    layer.params.wide = p.bias_bits == 64;
  } else if constexpr (requires { p.input_zero_point; }) {
    layer.params.input_zero_point = p.input_zero_point;
    layer.params.output_zero_point = p.output_zero_point;
  }
  return layer;
}

template <class Params>
TiledLayer convolution(const Params& p) {
  TiledLayer layer = layer_of(p);
  layer.window_width = p.window_width;
  mote_tiled_params& to = layer.params;
  to.input_height = p.input_height;
  to.input_width = p.input_width;
  to.output_width = p.output_width;
  to.window_height = p.window_height;
  to.stride_height = p.stride_height;
  to.stride_width = p.stride_width;
  to.dilation_height = p.dilation_height;
  to.dilation_width = p.dilation_width;
  to.padding_top = p.padding_top;
  to.padding_left = p.padding_left;
  return layer;
}

template <class Params>
TiledLayer conv2d(const Params& p) {
  TiledLayer layer = convolution(p);
  layer.params.output_channels = p.output_channels;
  layer.params.group_inputs = p.group_inputs;
  layer.params.group_outputs = p.group_outputs;
  return layer;
}

template <class Params>
TiledLayer depthwise_conv2d(const Params& p) {
  TiledLayer layer = convolution(p);
  layer.params.depth_multiplier = p.depth_multiplier;
  layer.params.output_channels = p.input_channels * p.depth_multiplier;
  layer.params.group_outputs = layer.params.output_channels;
  return layer;
}

// A row of vectors is a row of pixels under a window of one.
template <class Params>
TiledLayer fully_connected(const Params& p, int32_t rows) {
  TiledLayer layer = layer_of(p);
  mote_tiled_params& to = layer.params;
  to.input_height = rows;
  to.input_width = to.output_width = p.row_vectors;
  to.window_height = 1;
  to.stride_height = to.stride_width = to.dilation_height = to.dilation_width = 1;
  to.group_inputs = p.input_channels;
  to.output_channels = to.group_outputs = p.output_channels;
  return layer;
}

// `call` as one in tiles, by the struct that its parameters are of. The kernels on inputs that are
// quantized on the fly have the parameters of float32.
template <class ParamsF32, class ParamsS8, class ParamsS16, class LayerOf>
bool tile_call(const LayerOf& layer_of, const TileFormat& format, Call& call,
               std::vector<Constant>& constants) {
  const auto with = [&](const auto& p) {
    if constexpr (requires { p.rounding; })
      if (p.rounding != MOTE_ROUNDING_DOUBLE) return false;
    TiledLayer layer = layer_of(p);
    const bool dynamic = call.operands[MOTE_INPUT].type.dtype == DType::int8;
    if (layer.type == TileType::f32 && dynamic) layer.type = TileType::f32s8;
    return tile(layer, format, call, constants);
  };
  if (call.params.type == &params_type<ParamsF32>()) return with(params_of<ParamsF32>(call));
  if (call.params.type == &params_type<ParamsS8>()) return with(params_of<ParamsS8>(call));
  return with(params_of<ParamsS16>(call));
}

bool tile_conv2d(const TileFormat& format, Call& call, std::vector<Constant>& constants) {
  return tile_call<mote_conv2d_f32_params, mote_conv2d_s8_params, mote_conv2d_s16_params>(
      [](const auto& p) { return conv2d(p); }, format, call, constants);
}

bool tile_depthwise_conv2d(const TileFormat& format, Call& call, std::vector<Constant>& constants) {
  return tile_call<mote_depthwise_conv2d_f32_params, mote_depthwise_conv2d_s8_params,
                   mote_depthwise_conv2d_s16_params>(
      [](const auto& p) { return depthwise_conv2d(p); }, format, call, constants);
}

bool tile_fully_connected(const TileFormat& format, Call& call, std::vector<Constant>& constants) {
  const int32_t rows = call.operands.back().image_rows;
  return tile_call<mote_fully_connected_f32_params, mote_fully_connected_s8_params,
                   mote_fully_connected_s16_params>(
      [=](const auto& p) { return fully_connected(p, rows); }, format, call, constants);
}

}  // namespace

bool tile_conv2d_avx2(Call& call, std::vector<Constant>& constants) {
  return tile_conv2d(kAvx2Tiles, call, constants);
}
bool tile_conv2d_avx512(Call& call, std::vector<Constant>& constants) {
  return tile_conv2d(kAvx512Tiles, call, constants);
}
bool tile_depthwise_conv2d_avx2(Call& call, std::vector<Constant>& constants) {
  return tile_depthwise_conv2d(kAvx2Tiles, call, constants);
}
bool tile_depthwise_conv2d_avx512(Call& call, std::vector<Constant>& constants) {
  return tile_depthwise_conv2d(kAvx512Tiles, call, constants);
}
bool tile_fully_connected_avx2(Call& call, std::vector<Constant>& constants) {
  return tile_fully_connected(kAvx2Tiles, call, constants);
}
bool tile_fully_connected_avx512(Call& call, std::vector<Constant>& constants) {
  return tile_fully_connected(kAvx512Tiles, call, constants);
}

}  // namespace mote

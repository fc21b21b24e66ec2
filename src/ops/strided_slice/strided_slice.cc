// The definition of StridedSlice (strided_slice.h). Tested by strided_slice_test.cc.
#include "ops/strided_slice/strided_slice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/strided_slice/strided_slice_kernels.h"

namespace mote {

Mapping strided_slice_tflite();  // strided_slice_tflite.cc

namespace {

// How many elements there are from `begin` on; 0 where it lies outside or the stride is 0.
int64_t available(int64_t dimension, int64_t begin, int64_t stride) {
  if (begin < 0 || begin >= dimension || stride == 0) return 0;
  const int64_t room = stride > 0 ? dimension - 1 - begin : begin;
  return room / std::abs(stride) + 1;
}

TensorType infer(const Op& op, Types inputs) {
  const auto& slice = as<ops::StridedSlice>(op);
  const Shape& input = inputs[0].shape;
  const size_t rank = input.size();
  const bool has_all =
      slice.begin.size() == rank && slice.size.size() == rank && slice.stride.size() == rank;
  if (rank < 1 || rank > 4 || !has_all)
    throw Error(
        has_all ? ErrorKind::unsupported : ErrorKind::invalid_input,
        fmt::format("slices {} from {}, {} in steps of {}; ranks 1 to 4 do", to_string(input),
                    to_string(slice.begin), to_string(slice.size), to_string(slice.stride)));
  Shape output(rank);
  for (size_t d = 0; d < rank; d++) {
    const int64_t most = available(input[d], slice.begin[d], slice.stride[d]);
    const int64_t size = slice.size[d] == -1 ? most : slice.size[d];
    if (size < 1 || size > most)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("takes {} elements from {} in steps of {} out of dimension {} of {}",
                              slice.size[d], slice.begin[d], slice.stride[d], d, to_string(input)));
    output[d] = static_cast<int32_t>(size);
  }
  return {inputs[0].dtype, output, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  check_same_quantization(inputs[0], output);
}

// One entry per dimension as [N, H, W, C], under the convention of extent_of; `otherwise` where
// there is no such dimension.
Extent entries_of(const std::vector<int32_t>& entries, int32_t otherwise) {
  const size_t rank = entries.size();
  return {rank > 1 ? entries[0] : otherwise, rank > 2 ? entries[1] : otherwise,
          rank > 3 ? entries[2] : otherwise, entries[rank - 1]};
}

// Strides, but 1 where one element is taken, so that no stride reaches beyond the input.
std::vector<int32_t> steps_of(const ops::StridedSlice& slice, const Shape& output) {
  std::vector<int32_t> steps = slice.stride;
  for (size_t d = 0; d < steps.size(); d++)
    if (output[d] == 1) steps[d] = 1;
  return steps;
}

void lower(const Op& op, Lowering& lowering) {
  const auto& slice = as<ops::StridedSlice>(op);
  const TensorType &from = lowering.input_type(0), &to = lowering.output_type();
  check_same_quantization(from, to);
  if (to.dtype != DType::float32) kernel_suffix(lowering);  // int8, int16, or throws
  const Extent input = extent_of(from.shape), output = extent_of(to.shape);
  const Extent begin = entries_of(slice.begin, 0);
  const Extent step = entries_of(steps_of(slice, to.shape), 1);
  const auto bytes = static_cast<int32_t>(size_of(to.dtype));
  mote_strided_slice_params params = {
      .batch = output.images,
      .width = output.width,
      .channels = output.channels,
      .block_bytes = bytes,
      .begin_image = begin.images,
      .begin_row = begin.height,
      .begin_bytes = (begin.width * input.channels + begin.channels) * bytes,
      .image_step = step.images,
      .row_step = step.height,
      .width_step_bytes = step.width * input.channels * bytes,
      .channel_step_bytes = step.channels * bytes};
  if (step.channels == 1) {  // a pixel's channels lie together
    params.channels = 1;
    params.block_bytes *= output.channels;
  }
  lowering.call("strided_slice", params, unary_operands(lowering));
}

Channels channels(const Op& op, Types, Types, Edge) {
  const auto& slice = as<ops::StridedSlice>(op);
  return moved_channels(slice.begin.back(), slice.stride.back());
}

// Which are consecutive, in one direction or the other. -1 still stands for all that there are.
void keep_channels(Op& op, Types, const KeptOfNode& kept) {
  auto& slice = as<ops::StridedSlice>(op);
  const KeptChannels& output = kept.outputs[0];
  const auto first = static_cast<int32_t>(std::ranges::find(output, true) - output.begin());
  const int32_t begin = slice.begin.back() + first * slice.stride.back();
  slice.begin.back() = count_kept(kept.inputs[0], begin);
  if (slice.size.back() != -1) slice.size.back() = count_kept(output);
}

}  // namespace

template <>
const OpDef& definition<ops::StridedSlice>() {
  static const OpDef def = {
      .name = "StridedSlice",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = channels,
      .keep_channels = keep_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .outputs = {{.kind = OutputRule::Kind::same_as}}};
      },
      .lower = lower,
      .mappings = {{Format::tflite, strided_slice_tflite()}},
  };
  return def;
}

}  // namespace mote

// The definition of AveragePool2D (average_pool2d.h). Tested by average_pool2d_test.cc.
#include "ops/average_pool2d/average_pool2d.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/average_pool2d/average_pool2d_kernels.h"
#include "ops/lowering.h"
#include "ops/pool.h"

namespace mote {

Mapping average_pool2d_tflite();  // average_pool2d_tflite.cc

namespace {

// The sum of a window fits in 32 bits: of int8 taps * 128 < 2^31, of int16 taps * 32768.
void check_sum(const ops::AveragePool2D& pool, const Lowering& lowering) {
  const Shape& input = lowering.input_type(0).shape;
  const int64_t taps = static_cast<int64_t>(std::min(pool.window.height, input[1])) *
                       std::min(pool.window.width, input[2]);
  const int32_t limit = lowering.input_type(0).dtype == DType::int16 ? 1 << 16 : 1 << 24;
  if (taps >= limit)
    throw Error(ErrorKind::unsupported, fmt::format("averages {} elements in 32 bits", taps),
                describe(lowering.node));
}

void lower(const Op& op, Lowering& lowering) {
  const auto& pool = as<ops::AveragePool2D>(op);
  if (lowering.output_type().dtype != DType::float32) check_sum(pool, lowering);
  lower_pool<mote_average_pool2d_f32_params, mote_average_pool2d_s8_params>("average_pool2d", pool,
                                                                            lowering);
}

}  // namespace

template <>
const OpDef& definition<ops::AveragePool2D>() {
  static const OpDef def =
      pool_def<ops::AveragePool2D>("AveragePool2D", lower, average_pool2d_tflite());
  return def;
}

}  // namespace mote

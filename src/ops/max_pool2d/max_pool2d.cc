// The definition of MaxPool2D (max_pool2d.h). Tested by max_pool2d_test.cc.
#include "ops/max_pool2d/max_pool2d.h"

#include "ops/lowering.h"
#include "ops/max_pool2d/max_pool2d_kernels.h"
#include "ops/pool.h"

namespace mote {

Mapping max_pool2d_tflite();  // max_pool2d_tflite.cc

namespace {

void lower(const Op& op, Lowering& lowering) {
  lower_pool<mote_max_pool2d_f32_params, mote_max_pool2d_s8_params>(
      "max_pool2d", as<ops::MaxPool2D>(op), lowering);
}

}  // namespace

template <>
const OpDef& definition<ops::MaxPool2D>() {
  static const OpDef def = pool_def<ops::MaxPool2D>("MaxPool2D", lower, max_pool2d_tflite());
  return def;
}

}  // namespace mote

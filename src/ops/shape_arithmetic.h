// What files compute with shapes, for a RESHAPE to follow the batch: whole numbers, which are known
// at import and leave no node. STRIDED_SLICE and RESHAPE of such numbers fold in their own
// mappings; here are the operators of TFLite that are nothing else to Mote. Tested by
// shape_arithmetic_test.cc.
#pragma once

#include <span>
#include <string_view>

#include "ops/foreign.h"

namespace mote {

struct ShapeOperator {
  std::string_view tflite_name;
  void (*import_tflite)(Importer& importer);  // folds, or throws Error{unsupported}
};
std::span<const ShapeOperator> shape_operators();

}  // namespace mote

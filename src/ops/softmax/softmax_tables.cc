#include "ops/softmax/softmax_tables.h"

#include <cmath>

#include "ops/softmax/softmax_kernels.h"
#include "runtime/arithmetic/affine.h"

namespace mote {
namespace {

// Entries in steps of 2^-15, each moved by half of the error that the line to the next would have
// in the middle. binary32 throughout, as in TFLite.
template <class Function>
std::vector<int16_t> table_of(const Function& f, float min, float max) {
  constexpr float kSteps = MOTE_SOFTMAX_TABLE_STEPS, kScale = 32768.0f;
  const float step = (max - min) / kSteps, half_step = step / 2.0f;
  const auto rounded = [](float x) { return static_cast<float>(mote_round_f32(x)); };
  const auto entry = [](float x) {
    return static_cast<int16_t>(mote_clamp_s32(mote_round_f32(x), INT16_MIN, INT16_MAX));
  };
  std::vector<int16_t> table;
  for (int32_t i = 0; i < MOTE_SOFTMAX_TABLE_STEPS; i++) {
    const float at = static_cast<float>(i);
    const float here = rounded(f(min + at * step) * kScale);
    const float next = f(min + (at + 1.0f) * step) * kScale;
    const float line = rounded((next + here) / 2.0f);
    const float middle = rounded(f(min + at * step + half_step) * kScale);
    table.push_back(entry(here - rounded((line - middle) / 2.0f)));
  }
  table.push_back(entry(f(max) * kScale));
  return table;
}

}  // namespace

std::vector<int16_t> softmax_exponential_table() {
  // By way of binary64, so that no math library has a say in the last bit.
  return table_of([](float x) { return static_cast<float>(std::exp(static_cast<double>(x))); },
                  -10.0f, 0.0f);
}

std::vector<int16_t> softmax_reciprocal_table() {
  return table_of([](float x) { return 1.0f / (1.0f + x); }, 0.0f, 1.0f);
}

}  // namespace mote

// requantize_dsp.h against mote_requantize_s32, the normative form: all shifts, multipliers and
// values at the ends of what they may be, and seeded ones between.
#include "runtime/arithmetic/requantize_dsp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace mote {
namespace {

TEST(RequantizeDsp, GivesTheBitsOfTheNormativeForm) {
  std::mt19937 random(1);
  std::vector<int32_t> multipliers = {0, 1 << 30, (1 << 30) + 1, INT32_MAX - 1, INT32_MAX};
  for (int i = 0; i < 20; i++)
    multipliers.push_back((1 << 30) + static_cast<int32_t>(random() % (1u << 30)));
  for (const int32_t multiplier : multipliers)
    for (int32_t shift = -31; shift <= 8; shift++) {
      const mote_dsp_rescaling rescaling = mote_dsp_rescaling_of(multiplier, shift);
      const int32_t most = shift > 0 ? INT32_MAX >> shift : INT32_MAX;
      const int32_t offset = shift <= -2 ? -77 : 0;  // the sum fits, as `lower` proves of models
      std::vector<int32_t> values = {
          -most - (shift > 0 ? 0 : 1), -most, -3, -2, -1, 0, 1, 2, 3, most};
      for (int i = 0; i < 60; i++) {
        const auto any = static_cast<int32_t>(random());
        values.push_back(any >> (shift > 0 ? shift : 0));
        values.push_back(any >> random() % 31 >> (shift > 0 ? shift : 0));
        // Products at and beside a tie of the second step.
        if (shift <= -2) {
          const int64_t tie = (int64_t{1} << (-shift - 1)) * (2 * (random() % 4) + 1);
          for (const int32_t beside : {-1, 0, 1})
            values.push_back(static_cast<int32_t>(std::min<int64_t>(tie + beside, INT32_MAX)));
        }
      }
      for (const int32_t value : values)
        ASSERT_EQ(mote_rescale_dsp(value, &rescaling, offset),
                  mote_requantize_s32(value, multiplier, shift) + offset)
            << value << " by " << multiplier << " and " << shift;
    }
}

}  // namespace
}  // namespace mote

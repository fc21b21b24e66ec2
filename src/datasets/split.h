// Seeded cuts of a data set. Tested by split_test.cc.
#pragma once

#include <span>

#include "datasets/dataset.h"

namespace mote::datasets {

// The samples `first` to `first + count`, or those of `indices`, in that order.
Split slice(const Split& split, int32_t first, int32_t count);
Split select(const Split& split, std::span<const int32_t> indices);
// `count` distinct samples drawn by seed (all of them where there are no more), in the split's
// order.
Split sample(const Split& split, int32_t count, uint64_t seed);

// Moves `fraction` of the samples of `from`, drawn by seed, into the result; both keep their order.
// The same seed and `purpose` give the same cut.
Split cut(Split& from, double fraction, uint64_t seed, std::string_view purpose);

}  // namespace mote::datasets

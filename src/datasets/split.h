// Seeded cuts of a data set. Tested by split_test.cc.
#pragma once

#include <span>
#include <string_view>

#include "datasets/dataset.h"

namespace mote::datasets {

// The samples of `indices`, in that order.
Split select(const Split& split, std::span<const int32_t> indices);

// Moves `fraction` of the samples of `from`, drawn by seed, into the result; both keep their order.
// The same seed and `purpose` give the same cut.
Split cut(Split& from, double fraction, uint64_t seed, std::string_view purpose);

}  // namespace mote::datasets

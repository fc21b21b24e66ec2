// CIFAR-10 and CIFAR-100 in their binary versions: records of a label (CIFAR-100: coarse, then
// fine; we take the fine one) and 3072 bytes of planes [3, 32, 32].
// https://www.cs.toronto.edu/~kriz/cifar.html. Tested by cifar_test.cc.
#pragma once

#include <string>

#include "datasets/dataset.h"

namespace mote::datasets {

Dataset read_cifar10(const std::string& folder);
Dataset read_cifar100(const std::string& folder);

}  // namespace mote::datasets

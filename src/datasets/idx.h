// IDX, the format of MNIST and its kin: a big-endian header (0, 0, type, rank, then each dimension)
// and the elements; gzip'd or plain. http://yann.lecun.com/exdb/mnist. Tested by idx_test.cc.
#pragma once

#include <span>
#include <string>

#include "datasets/dataset.h"
#include "ir/npy.h"

namespace mote::datasets {

// A uint8 array. Throws Error{invalid_input} with `where` and offset; Error{unsupported} for
// elements that are not bytes.
Array parse_idx(std::span<const uint8_t> bytes, const std::string& where);

// `folder` with the four files of MNIST under their official names, each with or without `.gz`.
Dataset read_mnist(const std::string& folder);
Dataset read_fashion_mnist(const std::string& folder);

}  // namespace mote::datasets

#include "datasets/idx.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "datasets/labels.h"

namespace mote::datasets {
namespace {

constexpr uint8_t kUnsignedByte = 0x08;
constexpr size_t kMaxRank = 4;

Error damaged(const std::string& where, size_t offset, const std::string& what) {
  return {ErrorKind::invalid_input, fmt::format("{} at offset {}", what, offset), where};
}

bool is_gzip(std::span<const uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

// `path`, or where there is one, `path`.gz.
std::string found_path(const std::string& path) {
  return std::filesystem::exists(path + ".gz") ? path + ".gz" : path;
}

Array read_idx(const std::string& path) {
  Bytes bytes = read_file(path);
  if (is_gzip(bytes)) bytes = gunzip(bytes, path);
  return parse_idx(bytes, path);
}

Split read_split(const std::string& folder, const std::string& prefix) {
  const std::string images_path = found_path(folder + "/" + prefix + "-images-idx3-ubyte");
  const std::string labels_path = found_path(folder + "/" + prefix + "-labels-idx1-ubyte");
  Split split{read_idx(images_path), {}};
  if (split.images.shape.size() != 3)
    throw damaged(images_path, 3, "images with other than three dimensions");
  split.images.shape.push_back(1);
  const Array labels = read_idx(labels_path);
  if (labels.shape.size() != 1)
    throw damaged(labels_path, 3, "labels with other than one dimension");
  split.labels.assign(labels.data.begin(), labels.data.end());
  check_labels(split, 10, labels_path);
  return split;
}

}  // namespace

Array parse_idx(std::span<const uint8_t> bytes, const std::string& where) {
  if (bytes.size() < 4) throw damaged(where, bytes.size(), "the IDX header is cut off");
  if (bytes[0] != 0 || bytes[1] != 0) throw damaged(where, 0, "no IDX file: wrong first bytes");
  if (bytes[2] != kUnsignedByte)
    throw Error(ErrorKind::unsupported, fmt::format("IDX elements of type {:#04x}", bytes[2]),
                where, "only unsigned bytes (0x08) are read");
  const size_t rank = bytes[3];
  if (rank < 1 || rank > kMaxRank) throw damaged(where, 3, fmt::format("{} dimensions", rank));
  const size_t header = 4 + 4 * rank;
  if (bytes.size() < header) throw damaged(where, bytes.size(), "the IDX header is cut off");

  // The dimensions are only believed as far as there are bytes behind them.
  Array array{DType::uint8, {}, {}};
  const size_t there = bytes.size() - header;
  uint64_t expected = 1;
  for (size_t at = 4; at < header; at += 4) {
    const uint32_t size = uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 |
                          uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
    expected *= size;  // expected <= there < 2^32 before, so this does not overflow
    if (size == 0 || expected > std::min<uint64_t>(there, INT32_MAX))
      throw damaged(where, at,
                    fmt::format("a dimension of {}, but {} bytes of elements", size, there));
    array.shape.push_back(static_cast<int32_t>(size));
  }
  if (expected != there)
    throw damaged(where, header + expected, fmt::format("{} bytes too many", there - expected));
  array.data.assign(bytes.begin() + static_cast<ptrdiff_t>(header), bytes.end());
  return array;
}

Dataset read_mnist(const std::string& folder) {
  return {
      "mnist", read_split(folder, "train"), {}, read_split(folder, "t10k"), numbered_classes(10)};
}

Dataset read_fashion_mnist(const std::string& folder) {
  return {"fashion-mnist",
          read_split(folder, "train"),
          {},
          read_split(folder, "t10k"),
          {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
           "Bag", "Ankle boot"}};
}

}  // namespace mote::datasets

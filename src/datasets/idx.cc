#include "datasets/idx.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "datasets/labels.h"
#include "datasets/samples.h"
#include "ir/elements.h"

namespace mote::datasets {
namespace {

constexpr size_t kMaxRank = 4;
constexpr int32_t kClasses = 10;  // of MNIST and its kin

// The third byte says the type; all are big-endian.
struct TypeRow {
  uint8_t code;
  ElementFormat format;
};
constexpr TypeRow kTypes[] = {
    {0x08, {'u', 1, true}}, {0x09, {'i', 1, true}}, {0x0b, {'i', 2, true}},
    {0x0c, {'i', 4, true}}, {0x0d, {'f', 4, true}}, {0x0e, {'f', 8, true}},
};

Error damaged(const std::string& where, size_t offset, const std::string& what) {
  return {ErrorKind::invalid_input, fmt::format("{} at offset {}", what, offset), where};
}

bool is_gzip(std::span<const uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

// The file called `stem`-`ending` or `stem`.`ending`, with or without .gz; empty where none is
// there.
std::string find(const std::string& stem, const std::string& ending) {
  for (const char* separator : {"-", "."})
    for (const char* packed : {".gz", ""})
      if (const std::string path = stem + separator + ending + packed;
          std::filesystem::exists(path))
        return path;
  return {};
}

// Labels of the ten classes, at least of one image.
Split read_split(const std::map<std::string, std::string>& files, const std::string& folder,
                 const std::string& part) {
  const auto path = [&](const std::string& key) {
    const auto file = files.find(part + key);
    if (file == files.end())
      throw Error(ErrorKind::invalid_input, fmt::format("no IDX file of {}{}", part, key), folder);
    return file->second;
  };
  const std::string images_path = path("_images"), labels_path = path("_labels");
  Split split{images_of(read_array(images_path), images_path), {}};
  if (split.images.shape.size() != 4)
    throw damaged(images_path, 3, "images with other than three dimensions");
  split.labels = labels_of(read_array(labels_path), labels_path).indices;
  check_labels(split, kClasses, labels_path);
  return split;
}

}  // namespace

Array parse_idx(std::span<const uint8_t> bytes, const std::string& where) {
  if (bytes.size() < 4) throw damaged(where, bytes.size(), "the IDX header is cut off");
  if (bytes[0] != 0 || bytes[1] != 0) throw damaged(where, 0, "no IDX file: wrong first bytes");
  const auto type = std::ranges::find(kTypes, bytes[2], &TypeRow::code);
  if (type == std::end(kTypes))
    throw damaged(where, 2, fmt::format("elements of type {:#04x}, which IDX has not", bytes[2]));
  const size_t rank = bytes[3];
  if (rank < 1 || rank > kMaxRank) throw damaged(where, 3, fmt::format("{} dimensions", rank));
  const size_t header = 4 + 4 * rank;
  if (bytes.size() < header) throw damaged(where, bytes.size(), "the IDX header is cut off");

  // The dimensions are only believed as far as there are bytes behind them.
  const auto elements = bytes.subspan(header);
  Shape shape;
  for (size_t at = 4; at < header; at += 4) {
    const uint32_t size = uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 |
                          uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
    if (size <= INT32_MAX) shape.push_back(static_cast<int32_t>(size));
    if (size == 0 || size > INT32_MAX ||
        !bytes_within(shape, type->format.size_bytes, elements.size()))
      throw damaged(
          where, at,
          fmt::format("a dimension of {}, but {} bytes of elements", size, elements.size()));
  }
  const size_t expected = *bytes_within(shape, type->format.size_bytes, elements.size());
  if (expected != elements.size())
    throw damaged(where, header + expected,
                  fmt::format("{} bytes too many", elements.size() - expected));
  return array_of(type->format, std::move(shape), elements, where);
}

Array read_array(const std::string& path) {
  Bytes bytes = read_file(path);
  if (is_gzip(bytes)) bytes = gunzip(bytes, path);
  return is_npy(bytes) ? parse_npy(bytes, path) : parse_idx(bytes, path);
}

std::map<std::string, std::string> idx_files(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& [part, prefix] : {std::pair("train", "train"), std::pair("test", "t10k")})
    for (const auto& [content, ending] :
         {std::pair("images", "idx3-ubyte"), std::pair("labels", "idx1-ubyte")})
      if (const std::string path = find(fmt::format("{}/{}-{}", folder, prefix, content), ending);
          !path.empty())
        files[fmt::format("{}_{}", part, content)] = path;
  return files;
}

Dataset read_mnist(const std::string& folder) {
  const auto files = idx_files(folder);
  return {"mnist",
          read_split(files, folder, "train"),
          {},
          read_split(files, folder, "test"),
          numbered_classes(kClasses)};
}

Dataset read_fashion_mnist(const std::string& folder) {
  const auto files = idx_files(folder);
  return {"fashion-mnist",
          read_split(files, folder, "train"),
          {},
          read_split(files, folder, "test"),
          {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
           "Bag", "Ankle boot"}};
}

}  // namespace mote::datasets

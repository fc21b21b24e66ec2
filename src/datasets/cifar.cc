#include "datasets/cifar.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "datasets/labels.h"

namespace mote::datasets {
namespace {

constexpr size_t kSide = 32;
constexpr size_t kChannels = 3;
constexpr size_t kPlane = kSide * kSide;
constexpr size_t kPixels = kChannels * kPlane;

// A record: `label_bytes` bytes, the last of which counts, and the planes.
struct Layout {
  size_t label_bytes;
  int32_t classes;
};
constexpr Layout kCifar10{1, 10};
constexpr Layout kCifar100{2, 100};

void append(Split& split, const std::string& path, const Layout& layout) {
  const Bytes bytes = read_file(path);
  const size_t record = layout.label_bytes + kPixels;
  if (bytes.empty() || bytes.size() % record != 0)
    throw Error(ErrorKind::invalid_input,
                fmt::format("cut off at offset {}: records have {} bytes", bytes.size(), record),
                path);
  const size_t count = bytes.size() / record;
  size_t to = split.images.data.size();
  split.images.data.resize(to + count * kPixels);
  for (size_t at = 0; at < bytes.size(); at += record) {
    const uint8_t label = bytes[at + layout.label_bytes - 1];
    if (label >= layout.classes)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("label {} at offset {}", label, at + layout.label_bytes - 1), path);
    split.labels.push_back(label);
    const uint8_t* planes = &bytes[at + layout.label_bytes];
    for (size_t pixel = 0; pixel < kPlane; pixel++)
      for (size_t channel = 0; channel < kChannels; channel++)
        split.images.data[to++] = planes[channel * kPlane + pixel];
  }
  split.images.shape[0] += static_cast<int32_t>(count);
}

Split read_split(const std::vector<std::string>& paths, const Layout& layout) {
  Split split{{DType::uint8, {0, kSide, kSide, kChannels}, {}}, {}};
  for (const std::string& path : paths) append(split, path, layout);
  return split;
}

}  // namespace

Dataset read_cifar10(const std::string& folder) {
  std::vector<std::string> batches;
  for (int i = 1; i <= 5; i++) batches.push_back(fmt::format("{}/data_batch_{}.bin", folder, i));
  return {"cifar-10",
          read_split(batches, kCifar10),
          {},
          read_split({folder + "/test_batch.bin"}, kCifar10),
          read_class_names(folder + "/batches.meta.txt", kCifar10.classes)};
}

Dataset read_cifar100(const std::string& folder) {
  return {"cifar-100",
          read_split({folder + "/train.bin"}, kCifar100),
          {},
          read_split({folder + "/test.bin"}, kCifar100),
          read_class_names(folder + "/fine_label_names.txt", kCifar100.classes)};
}

}  // namespace mote::datasets

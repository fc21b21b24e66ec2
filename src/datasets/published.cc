#include "datasets/published.h"

#include <numeric>

namespace mote::datasets {
namespace {

std::vector<PublishedSet> read_table() {
  std::vector<PublishedSet> sets;
#define MOTE_SET(name, folder, ...) sets.push_back({name, folder, {__VA_ARGS__}, {}});
#define MOTE_DOWNLOAD(name, bytes, sha256) \
  sets.back().downloads.push_back({name, bytes, sha256, {}});
#define MOTE_FILE(name, bytes, sha256) \
  sets.back().downloads.back().files.push_back({name, bytes, sha256});
#include "datasets/published.inc"
#undef MOTE_SET
#undef MOTE_DOWNLOAD
#undef MOTE_FILE
  return sets;
}

}  // namespace

int64_t PublishedSet::bytes() const {
  return std::accumulate(
      downloads.begin(), downloads.end(), int64_t{0},
      [](int64_t sum, const PublishedDownload& download) { return sum + download.bytes; });
}

const std::vector<PublishedSet>& published_sets() {
  static const std::vector<PublishedSet> sets = read_table();
  return sets;
}

const PublishedSet* find_published(const std::string& name) {
  for (const PublishedSet& set : published_sets())
    if (set.name == name) return &set;
  return nullptr;
}

}  // namespace mote::datasets

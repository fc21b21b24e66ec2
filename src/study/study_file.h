// A study as its author writes it: a TOML file (docs/studies.md). Its only outside interface;
// errors name file, line, key and what is allowed. Tested by study_file_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compress/train/train.h"
#include "datasets/dataset.h"

namespace mote::study {

// Something that the file lists: a network, data set, recipe or device.
struct Entry {
  std::string name;             // in records: "resnet20_v1", "cifar-10", "int8", "mps2-an386"
  std::string source;           // what opens it: a name, "zoo:NAME?options", or a path
  std::string place;            // "study.toml:3"
  std::string preprocess = {};  // of a network, where the file says: "scale=1/255"
};

// What may differ from cell to cell.
struct Settings {
  compress::TrainOptions train;
  double validation_fraction = datasets::LoadOptions{}.validation_fraction;
  int32_t samples = 10;  // run in the emulator
  int32_t limit = 0;     // the first so many test images are evaluated; 0: all
};
using Change = std::function<void(Settings&)>;

// One combination of what the file lists, by the entries' names.
struct Choice {
  std::string network, data;
  uint64_t seed = 1;
  std::string recipe, device;
};

// What an [[override]] or [[exclude]] is about: what it does not name, it leaves open.
struct Match {
  std::set<std::string> network, data, recipe, device;
  std::set<uint64_t> seed;

  bool fits(const Choice& choice) const;
};

struct Override {
  Match match;
  std::vector<Change> changes;
};

struct StudyFile {
  std::string path;
  std::vector<Entry> networks, data, recipes, devices;
  std::vector<uint64_t> seeds = {1};
  std::vector<Change> changes;      // [train] and [measure]
  std::vector<Override> overrides;  // later ones win
  std::vector<Match> excludes;

  // Of a cell, beginning from the network's own recipe for training.
  Settings settings(const Choice& choice, Settings settings) const;
  bool excluded(const Choice& choice) const;
};

// Relative paths are relative to the file's folder; ${NAME} in a path is the environment variable.
StudyFile parse_study(std::string_view text, const std::string& path);
StudyFile read_study(const std::string& path);

}  // namespace mote::study

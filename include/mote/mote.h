// Mote fits neural networks into microcontrollers: open (or train) a model, compress it, evaluate
// what that cost, deploy it as C firmware. This header is all of the C++ API; examples/ has whole
// programs. Whatever fails throws mote::Error; nothing prints, exits or keeps global state (but
// training and the engine "float" set libtorch and OpenBLAS to one thread each).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mote/data.h"
#include "mote/error.h"
#include "mote/model.h"
#include "mote/session.h"

namespace mote {

struct DatasetInfo {
  std::string name;
  std::string description;
  std::vector<int32_t> image;  // [H, W, C]
  int32_t classes = 0;
  int32_t train = 0;  // images
  int32_t test = 0;
  std::string found;  // where it lies; "built in"; empty where it is not on this machine
};
// The data sets that load_dataset() knows by name. Real ones are looked for in $MOTE_DATA_DIR, then
// in the user's cache.
std::vector<DatasetInfo> list_datasets();

struct DeviceInfo {
  std::string name;
  std::string description;
  std::string core;         // "cortex-m4"
  int64_t flash_bytes = 0;  // 0: no limit
  int64_t ram_bytes = 0;
  bool emulated = false;  // DeployOptions::run and run_on need this
};
std::vector<DeviceInfo> list_devices();

struct RecipeInfo {
  std::string name;
  std::string description;
  std::string scheme;  // what it makes: "int8"
};
std::vector<RecipeInfo> list_recipes();

struct NetworkInfo {
  std::string name;  // without "zoo:"
  std::string description;
};
std::vector<NetworkInfo> list_networks();

}  // namespace mote

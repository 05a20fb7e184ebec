#pragma once

#include "store/store.hpp"
#include "web/backend.hpp"

namespace web {

/// Lets the backend's readers read the store, which must outlive it.
void read_from(store::Store* store, Backend* backend);

}  // namespace web

//! What the configuration refuses and accepts, as a person would write it.

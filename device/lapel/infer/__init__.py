"""Adapters of the models and readers: TFLite, local features, barcodes."""

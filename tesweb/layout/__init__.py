"""The page around everything: shell, menu, dashboard, headers, errors, static and PWA files."""
